"""The words that a checklist and its answers are made of."""

LEVELS = ("technical", "ethical and legal", "practical")
ANSWERS = ("yes", "partly", "no", "not applicable")
STATUSES = (*ANSWERS, "unproven", "unanswered")
VERDICTS = ("ready", "ready with conditions", "not ready")
