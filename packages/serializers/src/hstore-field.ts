import { ImproperlyConfigured } from '@rf/exceptions';
import { CharField } from './char-field.ts';
import { DictField, type DictFieldOptions } from './dict-field.ts';

type TextOrNull = CharField<{ allowBlank: true; allowNull: true }>;

/** An object of texts, as PostgreSQL's hstore keeps them; null is a value (row FI22). */
export class HStoreField<const Options extends DictFieldOptions = { child: TextOrNull }> extends DictField<Options> {
  protected override get childOption(): unknown {
    return this.options.child ?? new CharField({ allowBlank: true, allowNull: true });
  }

  override bind(name: string, owner: string): void {
    super.bind(name, owner);
    if (this.child instanceof CharField) return;
    throw new ImproperlyConfigured(
      `${owner}.${name} (HStoreField): the \`child\` must be a CharField, as the hstore extension stores values as text.`,
    );
  }
}
