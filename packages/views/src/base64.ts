/** Reads Base64 in lines of any length (RFC 2045, section 6.8); null for what is none or is cut off. */
export function decodeBase64(content: Buffer): Buffer | null {
  const text = content.toString('latin1').replace(/\s+/g, '');
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return null;
  return Buffer.from(text, 'base64');
}
