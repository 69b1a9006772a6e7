import type { FieldOptions } from '@rf/serializers';
import { HyperlinkedRelatedField, type HyperlinkOptions } from './hyperlinked-related-field.ts';

/** Options of HyperlinkedIdentityField: it is always read-only. */
export interface HyperlinkedIdentityFieldOptions extends Omit<FieldOptions, 'readOnly' | 'source'>, HyperlinkOptions {}

/** The options that every such field has. */
type Whole<Options> = Options & { readonly readOnly: true; readonly source: '*' };

/** The object's own URL (row RL04). */
export class HyperlinkedIdentityField<
  const Options extends HyperlinkedIdentityFieldOptions = HyperlinkedIdentityFieldOptions,
> extends HyperlinkedRelatedField<unknown, Whole<Options>> {
  constructor(options: Options) {
    super({ ...options, readOnly: true, source: '*' } as Whole<Options>);
  }
}
