"""Who may have an account: staff, made by an administrator."""

from allauth.account.adapter import DefaultAccountAdapter


class StaffOnly(DefaultAccountAdapter):
    """Sign in by e-mail address; nobody signs up."""

    def is_open_for_signup(self, request):
        return False
