"""The Slack door: translates Slack's events into questions and answers into blocks."""
