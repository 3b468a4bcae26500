"""Results drawn: videos, contact sheets, the steps."""
