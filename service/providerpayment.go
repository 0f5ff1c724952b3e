package service

// Payments are what customers pay with, and what they are given back.
type Payments interface {
	Refunder
	Invoicer
	Methods
	Remover
}
