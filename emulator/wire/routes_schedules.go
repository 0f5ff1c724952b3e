package wire

import "github.com/dues-billing/dues/emulator/engine"

var scheduleRoutes = []*route{
	post("/v1/subscription_schedules", "CreateSubscriptionSchedule"),
	list("/v1/subscription_schedules", engine.ListSubscriptionSchedules{}),
	retrieve[engine.SubscriptionSchedule]("/v1/subscription_schedules/{schedule}", "subscription_schedule", "schedule"),
	post("/v1/subscription_schedules/{schedule}", "UpdateSubscriptionSchedule"),
	post("/v1/subscription_schedules/{schedule}/cancel", "CancelSubscriptionSchedule"),
	post("/v1/subscription_schedules/{schedule}/release", "ReleaseSubscriptionSchedule"),
}
