"""The routers of the application, in the order in which its documentation shows them."""

from fastapi import APIRouter

from import_pipeline.api import (
    drafting,
    files,
    headless,
    inspection,
    mappings,
    multipart,
    outcomes,
    page_000,
    page_001,
    page_004_schemas,
    page_004_sftp,
    page_004_uploads,
    page_links,
    records,
    resources,
    review,
    review_operations,
    schemas,
    sessions,
    webhooks,
)

ROUTERS: tuple[APIRouter, ...] = (
    page_000.router,
    page_001.router,
    drafting.router,
    inspection.router,
    review.router,
    outcomes.router,
    resources.router,
    records.router,
    review_operations.router,
    mappings.router,
    page_links.router,
    sessions.router,
    multipart.router,
    headless.router,
    page_004_uploads.router,
    page_004_schemas.router,
    page_004_sftp.router,
    schemas.router,
    webhooks.router,
    files.router,
)
