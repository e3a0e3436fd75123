"""The test CAs: certificate profiles and issuing."""
