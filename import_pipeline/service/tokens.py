"""Tokens: who may speak for an organization, and how often a minute they may begin an import."""

from typing import TYPE_CHECKING

from import_pipeline.stores import links, rate_limits, tokens
from import_pipeline.stores.tokens import SCOPES, Scope, TokenRecord, digest_of

if TYPE_CHECKING:
    from import_pipeline.home import Home

__all__ = ["SCOPES", "Scope", "TokenRecord", "count_import", "create", "digest_of", "find", "list_tokens", "revoke"]


def create(
    home: "Home", organization: str, scope: Scope = "write", days: float | None = None, name: str | None = None
) -> tuple[str, TokenRecord]:
    """Make a token; see `stores.tokens.create`.

    Raises:
        InvalidNameError: The organization breaks its pattern.
        MisuseError: An unknown scope, or days that are not above 0.
    """
    return tokens.create(home.registry, organization, scope, days, name)


def find(home: "Home", token: str) -> TokenRecord | None:
    """The token's record if it is genuine and valid now, else None."""
    return tokens.find(home.registry, token)


def list_tokens(home: "Home", organization: str | None = None) -> list[TokenRecord]:
    """All tokens, or those of one organization, oldest first; ended ones too."""
    return tokens.list_tokens(home.registry, organization)


def revoke(home: "Home", token_or_prefix: str) -> TokenRecord:
    """End a token at once, with the links that were made by it and the sessions that came of them.

    Raises:
        NotFoundError: There is no such token.
    """
    revoked = tokens.revoke(home.registry, token_or_prefix)
    links.remove_made_by(home.registry, revoked.holder)
    return revoked


def count_import(home: "Home", token_id: str) -> int | None:
    """Count one more import of a token, unless it would be one too many within a minute.

    Returns:
        After how many seconds it may be tried again; None if it was counted.
    """
    return rate_limits.take(home.registry, token_id, home.settings.creates_per_minute)
