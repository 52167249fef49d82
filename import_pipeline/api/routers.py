"""The routers of the application, in the order in which its documentation shows them."""

from fastapi import APIRouter

ROUTERS: tuple[APIRouter, ...] = ()
