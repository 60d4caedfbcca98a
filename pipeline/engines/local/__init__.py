"""Schedules on this machine: systemd timers or cron lines that start `mocogan run`."""
