"""People: accounts and sign-in, residents, volunteers, skills, availability, consent."""
