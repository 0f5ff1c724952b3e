package httpapi_test

func badAddOns(ada string) []refusal {
	var out []refusal
	for _, at := range []struct{ path, credential string }{
		{"/v1/me/addons", ada}, {"/v1/accounts/ada/addons", serverKey}, {"/v1/me/addons/preview", ada}, {"/v1/accounts/ada/addons/preview", serverKey},
	} {
		out = append(out, bodies("POST", at.path, at.credential, `{"price":"extra"}`)...)
		bad := func(name, field, body string, status int) {
			out = append(out, refusal{at.path + ": " + name, request{method: "POST", path: at.path, credential: at.credential, body: body}, status, field})
		}
		bad("no price", "price", `{"quantity":1}`, 400)
		bad("a price that is not there", "price", `{"price":"gold"}`, 400)
		bad("a plan's price", "price", `{"price":"premium-yearly"}`, 400)
		bad("a quantity in words", "quantity", `{"price":"extra","quantity":"two"}`, 400)
		bad("some day", "when", `{"price":"extra","when":"later"}`, 400)
		bad("half dropped", "drop", `{"price":"extra","drop":"yes"}`, 400)
	}
	return append(out,
		refusal{"/v1/me/addons: a proration of the customer's own", request{method: "POST", path: "/v1/me/addons", credential: ada, body: `{"price":"extra","proration":"none"}`}, 403, "proration"},
		refusal{"/v1/me/addons/preview: a proration of the customer's own", request{method: "POST", path: "/v1/me/addons/preview", credential: ada, body: `{"price":"extra","proration":"none"}`}, 403, "proration"},
		refusal{"/v1/me/addons: a token made up", request{method: "POST", path: "/v1/me/addons", credential: ada, body: `{"preview":"x"}`}, 400, "preview"},
	)
}
