"""Parametric parts: what they are made of (bodies), where coolant enters (ports), where they touch (contacts)."""

from coldrack.meshes.parts.package import Die, PackageStack
from coldrack.meshes.parts.pin_fin import PinFinPlate
from coldrack.meshes.parts.serpentine import SerpentinePlate
from coldrack.meshes.parts.split_flow import SplitFlowPlate
from coldrack.meshes.parts.straight_fin import StraightFinPlate

__all__ = ["Die", "PackageStack", "PinFinPlate", "SerpentinePlate", "SplitFlowPlate", "StraightFinPlate"]
