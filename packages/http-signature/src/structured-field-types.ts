/** How a structured field is built (RFC 9651, section 3). */
export type StructuredFieldType = 'dictionary' | 'list' | 'item';

/** Fields that are defined as structured: the only ones that `sf` and `key` can be used with, beside those of the project. */
export const structuredFieldTypes: Readonly<Record<string, StructuredFieldType>> = {
  'accept-ch': 'list',
  'accept-signature': 'dictionary',
  'cache-status': 'list',
  'cdn-cache-control': 'dictionary',
  'client-cert': 'item',
  'client-cert-chain': 'list',
  'content-digest': 'dictionary',
  'cross-origin-embedder-policy': 'item',
  'cross-origin-opener-policy': 'item',
  'document-policy': 'dictionary',
  'permissions-policy': 'dictionary',
  priority: 'dictionary',
  'proxy-status': 'list',
  'repr-digest': 'dictionary',
  'sec-ch-ua': 'list',
  'sec-ch-ua-mobile': 'item',
  'sec-ch-ua-platform': 'item',
  signature: 'dictionary',
  'signature-input': 'dictionary',
  'want-content-digest': 'dictionary',
  'want-repr-digest': 'dictionary',
};
