// Reads vector tiles: features with their properties and rings. Pure: bytes in, objects out.
// Source: Mapbox Vector Tile Specification 2.1 (layers of features, commands in a protocol buffer).

const LAYER = 3, FEATURES = 2, KEYS = 3, VALUES = 4, EXTENT = 5
const TAGS = 2, GEOMETRY = 4
const MOVE_TO = 1, LINE_TO = 2
const VARINT = 0, FIXED_64 = 1, BYTES = 2, FIXED_32 = 5
const DEFAULT_EXTENT = 4096

/**
 * The features of the first layer of a tile; an empty tile has none.
 * @param {ArrayBuffer|Uint8Array} tile
 * @returns {{extent: number, features: {properties: Object<string, string|number>, rings: number[][][]}[]}}
 */
export function readTile(tile) {
  const layer = fieldsOf(new Uint8Array(tile)).find(([field]) => field === LAYER)
  if (!layer) return { extent: DEFAULT_EXTENT, features: [] }
  const fields = fieldsOf(layer[1])
  const all = (wanted) => fields.filter(([field]) => field === wanted).map(([, value]) => value)
  const keys = all(KEYS).map(text), values = all(VALUES).map(valueOf)
  const features = all(FEATURES).map((feature) => readFeature(fieldsOf(feature), keys, values))
  return { extent: all(EXTENT)[0] ?? DEFAULT_EXTENT, features }
}

/**
 * Rings as the path of an SVG.
 * @param {number[][][]} rings
 * @param {number} scale pixels per unit of the tile
 */
export function pathOf(rings, scale) {
  const point = ([x, y]) => `${+(x * scale).toFixed(2)} ${+(y * scale).toFixed(2)}`
  return rings.map((ring) => `M${ring.map(point).join('L')}Z`).join('')
}

function readFeature(fields, keys, values) {
  const packed = (wanted) => varintsOf(fields.find(([field]) => field === wanted)?.[1] ?? new Uint8Array())
  const tags = packed(TAGS), properties = {}
  for (let place = 0; place < tags.length; place += 2) properties[keys[tags[place]]] = values[tags[place + 1]]
  return { properties, rings: ringsOf(packed(GEOMETRY)) }
}

/** Follow the commands of a polygon: move to, line to, close. */
function ringsOf(commands) {
  const rings = []
  let x = 0, y = 0, place = 0
  while (place < commands.length) {
    const command = commands[place] & 7, count = commands[place++] >> 3
    if (command !== MOVE_TO && command !== LINE_TO) continue
    for (let step = 0; step < count; step++) {
      x += signed(commands[place++])
      y += signed(commands[place++])
      if (command === MOVE_TO) rings.push([])
      rings.at(-1).push([x, y])
    }
  }
  return rings
}

const signed = (number) => (number >> 1) ^ -(number & 1)
const text = (bytes) => new TextDecoder().decode(bytes)

/** A value is a message with one field: a text, or a whole number. */
function valueOf(bytes) {
  const [[field, value]] = fieldsOf(bytes)
  return field === 1 ? text(value) : value
}

/** The fields of a message: number and value; bytes stay bytes. */
function fieldsOf(bytes) {
  const found = []
  for (let place = 0; place < bytes.length;) {
    let key, value
    ;[key, place] = varint(bytes, place)
    const kind = key & 7
    if (kind === VARINT) [value, place] = varint(bytes, place)
    else if (kind === BYTES) {
      let length
      ;[length, place] = varint(bytes, place)
      value = bytes.subarray(place, (place += length))
    } else if (kind === FIXED_64 || kind === FIXED_32) place += kind === FIXED_64 ? 8 : 4
    else throw new RangeError(`a vector tile has a field of kind ${kind}`)
    found.push([key >> 3, value])
  }
  return found
}

function varintsOf(bytes) {
  const found = []
  for (let place = 0; place < bytes.length;) {
    let number
    ;[number, place] = varint(bytes, place)
    found.push(number)
  }
  return found
}

/** A number of seven bits per byte, the lowest first; gives it and the place behind it. */
function varint(bytes, place) {
  let number = 0, factor = 1
  for (;;) {
    const byte = bytes[place++]
    if (byte === undefined) throw new RangeError('a vector tile ends in the middle of a number')
    number += (byte & 127) * factor
    if (byte < 128) return [number, place]
    factor *= 128
  }
}
