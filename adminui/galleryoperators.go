package adminui

import (
	"time"

	"github.com/dues-billing/dues/internal/design"
	"github.com/dues-billing/dues/internal/operator"
	"github.com/dues-billing/dues/service"
)

// galleryFrame is a page as an owner sees it.
func galleryFrame(title, current string) frame {
	ada := galleryStaff()[0]
	return frame{Title: title, Brand: "Fieldnotes", Current: current, CSRF: "0", In: operator.Signed{Session: gallerySessions()[0], Operator: ada}}
}

func galleryStaff() []operator.Operator {
	return []operator.Operator{
		{ID: "op_7k2mf9x4q1ab", Email: "ada@fieldnotes.example", Role: operator.Own, Password: "x", CreatedAt: galleryNow.AddDate(0, -3, 0), SignedInAt: galleryNow.Add(-time.Hour)},
		{ID: "op_3vqk5n8w2rj6", Email: "bob@fieldnotes.example", Role: operator.Operate, Subject: "x", CreatedAt: galleryNow.AddDate(0, -2, 0), SignedInAt: galleryNow.AddDate(0, 0, -4)},
		{ID: "op_t0z9h4c7b1m8", Email: "carol@fieldnotes.example", Role: operator.Read, Invite: "x", InviteUntil: galleryNow.Add(40 * time.Hour), CreatedAt: galleryNow.Add(-32 * time.Hour)},
		{ID: "op_d5g2c7b1m8t0", Email: "dan@fieldnotes.example", Role: operator.Read, Invite: "x", InviteUntil: galleryNow.AddDate(0, 0, -3), CreatedAt: galleryNow.AddDate(0, 0, -6)},
	}
}

func gallerySessions() []operator.Session {
	const mac = "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_6) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.6 Safari/605.1.15"
	const phone = "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Mobile Safari/537.36"
	return []operator.Session{
		{ID: "a", Operator: "op_7k2mf9x4q1ab", Agent: mac, CreatedAt: galleryNow.Add(-time.Hour), SeenAt: galleryNow, Until: galleryNow.Add(11 * time.Hour)},
		{ID: "b", Operator: "op_7k2mf9x4q1ab", Agent: phone, CreatedAt: galleryNow.Add(-3 * time.Hour), SeenAt: galleryNow.Add(-2 * time.Hour), Until: galleryNow.Add(9 * time.Hour)},
		{ID: "c", Agent: "curl/8.9.1", CreatedAt: galleryNow.Add(-5 * time.Hour), SeenAt: galleryNow.Add(-5 * time.Hour), Until: galleryNow.Add(7 * time.Hour)},
	}
}

// galleryOperators are the pages of who signs in, and of who may.
func galleryOperators() []design.Shot {
	in := signInView{Brand: "Fieldnotes", Next: base + "/", Ways: service.Ways{Named: true}}
	wrong, both, shared := in, in, in
	wrong.Email, wrong.Fault = "ada@fieldnotes.example", "This address, password and code do not belong together."
	both.OIDC, both.Ways.Shared = true, true
	shared.Ways, shared.Fault = service.Ways{Shared: true}, "This is not the password."
	first := shared
	first.Fault = ""
	all := operatorsView{frame: galleryFrame("Operators", base+"/operators"), Now: galleryNow, Operators: galleryStaff(), Sessions: gallerySessions()}
	begin := operatorsView{frame: all.frame, Now: galleryNow, Sessions: gallerySessions()[2:], Asked: askedOperator{Email: "ada", Role: "own", Fault: "The e-mail address must be one such as ada@example.com."}}
	begin.In = operator.Signed{Session: gallerySessions()[2]}
	one := operatorView{frame: all.frame, Now: galleryNow, Operator: galleryStaff()[0], Sessions: gallerySessions()[:2]}
	added := operatorView{frame: all.frame, Now: galleryNow, Operator: galleryStaff()[2], OIDC: true, Link: "https://billing.example.com/admin/welcome/3vqk5n8w2rj6t0z9h4c7b1m8d5g2k7m4"}
	you := youView{frame: galleryFrame("ada@fieldnotes.example", base+"/you"), Sessions: gallerySessions()[:2], Before: "This is not the password of now."}
	welcome := welcomeView{Brand: "Fieldnotes", Link: "3vqk5n8w2rj6", Operator: galleryStaff()[2], Code: "This is not the code of now; is the clock of the device right?"}
	welcome.Operator.Secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
	welcome.Picture, _ = pictureOf(operator.SecretURI(welcome.Operator.Secret, "Fieldnotes", welcome.Operator.Email)) // a text that fits always
	looks := galleryFrame("Not allowed", base+"/keys")
	looks.In = operator.Signed{Session: operator.Session{ID: "d", Operator: "op_t0z9h4c7b1m8"}, Operator: galleryStaff()[2]}
	return []design.Shot{
		{Name: "admin/sign-in", Component: signInPage(first)},
		{Name: "admin/sign-in-wrong", Component: signInPage(shared)},
		{Name: "admin/sign-in-named", Component: signInPage(in)},
		{Name: "admin/sign-in-named-wrong", Component: signInPage(wrong)},
		{Name: "admin/sign-in-every-way", Component: signInPage(both)},
		{Name: "admin/signed-in", Component: cameInPage("Fieldnotes", base+"/")},
		{Name: "admin/sign-in-refused", Component: outsidePage("Fieldnotes", "You may not come in", "Nobody with the address eve@example.com works here; an owner can add it.")},
		{Name: "admin/welcome", Component: welcomePage(welcome)},
		{Name: "admin/welcome-gone", Component: linkGonePage("Fieldnotes")},
		{Name: "admin/operators", Component: operatorsPage(all)},
		{Name: "admin/operators-none", Component: operatorsPage(begin)},
		{Name: "admin/operator", Component: operatorPage(one)},
		{Name: "admin/operator-added", Component: operatorPage(added)},
		{Name: "admin/you", Component: youPage(you)},
		{Name: "admin/not-allowed", Component: sorryPage(looks, "Your role does not allow this", "It needs the role own, and yours is read. An owner can give it to you.")},
		{Name: "admin/account-looked-at", Component: accountPage(looks, galleryMuch(), "", "")},
	}
}
