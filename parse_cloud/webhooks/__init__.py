"""Webhooks: functions and triggers that another server answers (`contract/cloud.md` §7)."""
