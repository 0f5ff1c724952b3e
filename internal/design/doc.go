// Package design is how every page of Dues looks: one stylesheet with tokens
// (light, dark, phone) and a small set of server-rendered components. The
// emulator's hosted pages, the admin and account pages, the demo application
// and the mails all use it, so they look like one product.
//
// Pages work without JavaScript. Nothing is inline, so the strict ContentPolicy
// holds. Serve the assets once per server and lay every page out in [Layout]:
//
//	mux.Handle("GET "+design.Prefix, design.Assets())
//
//	// account.templ
//	templ accountPage(v accountView) {
//		@design.Layout(design.Page{Title: "Billing", Brand: v.Company, Width: design.Regular}) {
//			@design.Heading("Billing", "Your plan and your invoices") {
//				@design.Button{Text: "Upgrade", Href: "/plans", Style: design.Primary}
//			}
//			@design.Card("Current plan") {
//				@design.Definitions{
//					{Term: "Plan", Value: design.Text(v.Plan)},
//					{Term: "Status", Value: design.Status(v.Status)},
//					{Term: "Renews", Value: design.Date(v.PeriodEnd)},
//					{Term: "Price", Value: design.Money(v.Price)},
//				}
//			}
//			@design.FlushCard("Invoices") {
//				@design.Table{Columns: []design.Column{{Title: "Number"}, {Title: "Total", Num: true}}, Rows: v.rows()}
//			}
//		}
//	}
//
//	// account.go
//	design.Serve(w, r, http.StatusOK, accountPage(v))
//
// A form posts and is answered with a redirect; what was wrong stands beside
// its field:
//
//	<form method="post" class="form">
//		@design.Field{Name: "email", Label: "E-mail", Type: "email", Value: v.Email, Error: v.Problems["email"]}
//		@design.Button{Text: "Continue", Style: design.Primary, Wide: true}
//	</form>
//
// Components without content of their own are structs ([Button], [Field],
// [Table], [Definitions]); components that wrap other markup are functions
// ([Layout], [Card], [Notice], [Heading], [Empty]). Each is a templ.Component.
//
// Mails have a layout of their own, for mail programs know no stylesheet:
//
//	@design.MailLayout(design.Mail{Subject: "Your receipt", Brand: v.Company, Footer: v.Why}) {
//		@design.MailTitle("Thank you")
//		@design.MailAmount(v.Total)
//		@design.MailFacts(v.Lines, true)
//		@design.MailButton("View invoice", v.InvoiceURL)
//	}
//
// An application mounted below a path gives it once by [WithRoot]; the links to
// the stylesheet follow.
package design
