declare module 'pg/lib/utils.js' {
  const utils: {
    /** A value as text or bytes for the server: dates, arrays, objects as JSON, buffers. */
    prepareValue(value: unknown): string | Buffer | null;
  };
  export default utils;
}
