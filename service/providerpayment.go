package service

// Payments are what customers pay with, what they are given back, and what they used that is to be paid.
type Payments interface {
	Refunder
	Invoicer
	Creditor
	Methods
	Remover
	Metering
	Seller
	Authorizer
}
