"""Parts of retrograph."""
