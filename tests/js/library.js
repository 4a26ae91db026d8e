// Loads the library of the page into node.
'use strict';
const path = require('node:path');
const assets = path.join(__dirname, '..', '..', 'src', 'landzone', 'outputs', 'map_html', 'assets');
global.fflate = require(path.join(assets, 'vendor', 'fflate', 'fflate.js'));
['codec.js', 'space.js', 'format.js', 'plane.js', 'polygons.js'].forEach((name) => require(path.join(assets, name)));
module.exports = global.landzone;
