"""Words for people: translations, phrases for rules, and safe text."""
