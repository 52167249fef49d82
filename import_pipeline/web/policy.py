"""What browsers may do on a page: the Content-Security-Policy, one for each page.

Nothing comes from another host, nothing is run that is not a file of ours, and text never becomes markup.
"""


def policy_of_page(upload_origin: str | None = None, frame_origin: str | None = None) -> str:
    """The policy of a page.

    Args:
        upload_origin: Where signed URLs for uploads lead, if not to this server.
        frame_origin: The only origin whose pages may embed this one; none may if left out.
    """
    connect = "'self'" if upload_origin is None else f"'self' {upload_origin}"
    frames = "'none'" if frame_origin is None else frame_origin
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self'",
            "font-src 'self'",
            f"connect-src {connect}",
            "base-uri 'none'",
            "form-action 'none'",
            f"frame-ancestors {frames}",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        )
    )
