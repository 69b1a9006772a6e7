/** Sizes beyond this are no pictures but attacks on whoever decodes them. */
const MAX_SIDE = 65_535;

/** True when the bytes have the structure of a PNG, JPEG, GIF, WebP or BMP with a size. */
export function isImage(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return isPNG(view) || isJPEG(view) || isGIF(view) || isWebP(view) || isBMP(view);
}

function hasText(view: DataView, at: number, text: string): boolean {
  if (view.byteLength < at + text.length) return false;
  for (let index = 0; index < text.length; index += 1) {
    if (view.getUint8(at + index) !== text.charCodeAt(index)) return false;
  }
  return true;
}

function isSize(width: number, height: number): boolean {
  return width >= 1 && height >= 1 && width <= MAX_SIDE && height <= MAX_SIDE;
}

/** Signature, header with size, and the chunk that ends every complete file (ISO/IEC 15948). */
function isPNG(view: DataView): boolean {
  if (!hasText(view, 0, '\x89PNG\r\n\x1a\n') || !hasText(view, 12, 'IHDR') || view.byteLength < 33) return false;
  if (!isSize(view.getUint32(16), view.getUint32(20))) return false;
  let hasData = false;
  for (let at = 8; at + 12 <= view.byteLength; ) {
    const length = view.getUint32(at);
    if (hasText(view, at + 4, 'IDAT')) hasData = true;
    if (hasText(view, at + 4, 'IEND')) return hasData;
    at += length + 12;
  }
  return false;
}

/** Segments up to the one that says the size, and the scan after it (ITU T.81, annex B). */
function isJPEG(view: DataView): boolean {
  if (view.byteLength < 4 || view.getUint16(0) !== 0xffd8) return false;
  let hasSize = false;
  let at = 2;
  while (at + 4 <= view.byteLength) {
    if (view.getUint8(at) !== 0xff) return false;
    const marker = view.getUint8(at + 1);
    if (marker === 0xff || (marker >= 0xd0 && marker <= 0xd7) || marker === 0x01) {
      // Fill bytes and markers without content.
      at += marker === 0xff ? 1 : 2;
      continue;
    }
    if (marker === 0xda) return hasSize;
    if (isFrame(marker) && at + 9 <= view.byteLength) {
      hasSize = isSize(view.getUint16(at + 7), view.getUint16(at + 5));
    }
    const length = view.getUint16(at + 2);
    if (length < 2) return false;
    at += 2 + length;
  }
  return false;
}

function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}

function isGIF(view: DataView): boolean {
  if (!hasText(view, 0, 'GIF87a') && !hasText(view, 0, 'GIF89a')) return false;
  return view.byteLength >= 14 && isSize(view.getUint16(6, true), view.getUint16(8, true));
}

function isWebP(view: DataView): boolean {
  if (!hasText(view, 0, 'RIFF') || !hasText(view, 8, 'WEBP') || view.byteLength < 30) return false;
  if (view.getUint32(4, true) + 8 > view.byteLength + 1) return false;
  if (hasText(view, 12, 'VP8X')) {
    const side = (at: number): number => view.getUint16(at, true) + view.getUint8(at + 2) * 65_536 + 1;
    return isSize(side(24), side(27));
  }
  if (hasText(view, 12, 'VP8L')) {
    const bits = view.getUint32(21, true);
    return view.getUint8(20) === 0x2f && isSize((bits & 0x3fff) + 1, ((bits >>> 14) & 0x3fff) + 1);
  }
  return hasText(view, 12, 'VP8 ') && isSize(view.getUint16(26, true) & 0x3fff, view.getUint16(28, true) & 0x3fff);
}

function isBMP(view: DataView): boolean {
  if (!hasText(view, 0, 'BM') || view.byteLength < 26) return false;
  const header = view.getUint32(14, true);
  if (header === 12) return isSize(view.getUint16(18, true), view.getUint16(20, true));
  // The height of a picture that is stored from the top is negative.
  return header >= 40 && header <= 124 && isSize(view.getInt32(18, true), Math.abs(view.getInt32(22, true)));
}
