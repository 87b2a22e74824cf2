"""How often strangers may knock: counted in Redis by what is behind the connection, and let in while Redis is away."""

from django.conf import settings
from rest_framework.throttling import SimpleRateThrottle


def allows(scope: str, *keys: str) -> bool:
    """Count one knock for each of `keys`; False when one of them has used up the rate of `scope` (settings)."""
    counted = [_PerKey(scope).allow_request(key, None) for key in keys]
    return all(counted)


def client_address(scope) -> str:
    """The address at the other end of a websocket, behind as many proxies as the settings say."""
    forwarded = next((value.decode("latin1") for name, value in scope["headers"] if name == b"x-forwarded-for"), "")
    proxies = settings.REST_FRAMEWORK["NUM_PROXIES"]
    if proxies and forwarded:
        addresses = forwarded.split(",")
        return addresses[-min(proxies, len(addresses))].strip()
    return (scope.get("client") or ["unknown"])[0]


class _PerKey(SimpleRateThrottle):
    def __init__(self, scope):
        self.scope = scope
        super().__init__()

    def get_cache_key(self, request, view):
        return self.cache_format % {"scope": self.scope, "ident": request}
