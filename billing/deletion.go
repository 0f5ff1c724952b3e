package billing

// DeleteAccountCall deletes an account whose deletion was committed, unless that is done by then.
const DeleteAccountCall = "delete_account"

// ToEnd returns the subscriptions that have to be ended before a customer may be forgotten: all that could still be billed, the free ones too.
func (s State) ToEnd() []SubscriptionID {
	var ids []SubscriptionID
	for _, sub := range s.Subscriptions {
		if !s.Deleted && !sub.Status.Ended() {
			ids = append(ids, sub.ID)
		}
	}
	return ids
}
