// Package httpapi is the JSON API of Dues: routes.go is the whole map.
//
// Apps call it with a server key (/v1/accounts), their users with a signed token (/v1/me, /v1/plans). Everything else is
// refused: a route cannot be added without saying who may call it. Failures are problem+json and name the field at fault;
// problem.go alone turns codes into statuses.
package httpapi
