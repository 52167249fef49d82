"""The routers of the application, in the order in which its documentation shows them."""

from fastapi import APIRouter

from import_pipeline.api import files, page_000

ROUTERS: tuple[APIRouter, ...] = (page_000.router, files.router)
