package service

import "time"

// NoticePause and NoticeTries are the pauses between the tries of a notice, and how many there are.
func NoticePause(key string, tries int) time.Duration { return noticePause(key, tries) }

const NoticeTries = noticeTries
