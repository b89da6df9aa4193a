"""Opens what the server gives to other programs with those programs: GDAL, OWSLib and openpyxl, all unchanged.

    python read_interfaces.py FOLDER KIND OGC_URL SECRET

FOLDER holds the exports of the kind as KIND.csv, .xlsx, .geojson, .gpx, .kml and .gpkg; KIND may be given with the layer of
the GPX as KIND:LAYER. Prints one JSON object: what each reader counted, how many of those have a geometry, where it starts.
"""

import csv
import json
import os
import sys

folder, kind, url, secret = sys.argv[1:]
kind, layer = (kind.split(":") + ["waypoints"])[:2]
# Read before GDAL looks at it.
os.environ["GDAL_HTTP_USERPWD"] = f"qgis:{secret}"
os.environ["GDAL_HTTP_AUTH"] = "BASIC"

import numpy
import openpyxl
import pyogrio
from owslib.ogcapi.features import Features
from owslib.util import Authentication


def path(ending):
    return os.path.join(folder, f"{kind}.{ending}")


def read(source, **words):
    meta, _, geometry, fields = pyogrio.raw.read(source, **words)
    placed = [] if geometry is None else [g for g in geometry if g is not None]
    return {
        "count": len(fields[0]) if fields else len(geometry),
        "placed": len(placed),
        "type": meta["geometry_type"],
        "crs": meta["crs"],
        "fields": [str(name) for name in meta["fields"]],
    }


def first_column(book):
    return [row[0] for row in book.active.iter_rows(values_only=True)]


found = {}
with open(path("csv"), encoding="utf-8-sig", newline="") as file:
    found["csv"] = {"count": len(list(csv.reader(file))) - 1}
book = openpyxl.load_workbook(path("xlsx"))
formulas = [cell.value for row in book.active.iter_rows() for cell in row if cell.data_type == "f"]
found["openpyxl"] = {"count": len(first_column(book)) - 1, "formulas": len(formulas)}
found["geojson"] = read(path("geojson"))
found["gpx"] = read(path("gpx"), layer=layer)
found["kml"] = read(path("kml"))
found["gpkg"] = read(path("gpkg"))
found["bounds"] = [round(float(n), 4) for n in pyogrio.read_info(path("gpkg"), force_total_bounds=True)["total_bounds"]]
source = f"OAPIF:{url}"
layers = [str(name) for name in numpy.array(pyogrio.list_layers(source))[:, 0]]
found["oapif"] = {"layers": layers, **read(source, layer=kind)}

service = Features(url + "/", auth=Authentication("qgis", secret))
page = service.collection_items(kind, limit=2)
items = list(page["features"])
while any(link["rel"] == "next" for link in page["links"]):
    cursor = next(link["href"] for link in page["links"] if link["rel"] == "next").split("cursor=")[1].split("&")[0]
    page = service.collection_items(kind, limit=2, cursor=cursor)
    items += page["features"]
found["owslib"] = {
    "count": len(items),
    "placed": sum(1 for item in items if item["geometry"]),
    "matched": page["numberMatched"],
    "conforms": len(service.conformance()["conformsTo"]),
    "one": service.collection_item(kind, items[0]["id"])["id"] == items[0]["id"],
    "paths": len(service.api()["paths"]),
}
print(json.dumps(found))
