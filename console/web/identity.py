"""Coming in through an identity provider (OpenID Connect, authorization code with PKCE): there, and back.

The provider says who somebody is; which offices they hold is asked of the agencies, as after a password. People are
known by issuer and subject, the only pair that OpenID Connect (Core 1.0, 5.7) promises never to give to another.
"""

from authlib.integrations.base_client import OAuthError
from authlib.integrations.starlette_client import OAuth, StarletteOAuth2App
from authlib.oauth2.base import OAuth2Error
from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import Response
from httpx2 import HTTPError
from joserfc.errors import JoseError
from starlette.middleware.sessions import SessionMiddleware

from console.web.entry import let_in, turned_away
from console.web.guard import address_of
from console.web.place import NotForYou, Place, Visit
from gateway.accounts import known_by

router = APIRouter(include_in_schema=False, prefix="/login/identity")
MINUTES_AWAY = 10
"""How long somebody may take at the provider."""


def join(app: FastAPI, place: Place) -> None:
    """Add the two addresses, when a provider is configured."""
    settings = place.settings
    if not settings.oidc_issuer:
        return
    registry = OAuth()
    registry.register(
        "provider",
        client_id=settings.oidc_client,
        client_secret=settings.oidc_secret or None,
        server_metadata_url=f"{settings.oidc_issuer.rstrip('/')}/.well-known/openid-configuration",
        client_kwargs={"scope": "openid", "code_challenge_method": "S256", "timeout": 10},
    )
    app.state.provider = registry.create_client("provider")
    app.add_middleware(
        SessionMiddleware, secret_key=place.signing.hex(), session_cookie="huiqian_identity", path="/login",
        max_age=MINUTES_AWAY * 60, same_site="lax", https_only=place.secure,
    )  # fmt: skip
    app.include_router(router)


def _provider(request: Request) -> StarletteOAuth2App:
    provider = getattr(request.app.state, "provider", None)
    if provider is None:
        raise NotForYou
    return provider


@router.get("")
async def there(request: Request, next: str = "/desk") -> Response:
    """Send somebody to the provider, and remember where they wanted to go."""
    visit, provider = Visit(request), _provider(request)
    request.session["next"] = next[:400]
    try:
        return await provider.authorize_redirect(request, request.url_for("back"))
    except (HTTPError, OAuthError, KeyError, ValueError):
        return turned_away(visit, "away", next)


@router.get("/back")
async def back(request: Request) -> Response:
    """Somebody comes back: what they bring is checked with the provider, then the account is looked up."""
    visit, provider = Visit(request), _provider(request)
    next = str(request.session.pop("next", "/desk"))
    try:
        brought = await provider.authorize_access_token(request)
        claims = brought["userinfo"]
        issuer, subject = str(claims["iss"]), str(claims["sub"])
    except HTTPError:
        return turned_away(visit, "away", next)
    except (OAuthError, OAuth2Error, JoseError, KeyError, ValueError):
        return turned_away(visit, "unproved", next)
    attempt = known_by(visit.desk.engine, issuer, subject, address_of(request))
    if attempt.account is None:
        return turned_away(visit, attempt.outcome, next, subject)
    return let_in(visit, attempt.account, next)
