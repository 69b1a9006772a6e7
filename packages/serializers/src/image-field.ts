import { FileField, type FileFieldOptions, type FileInput } from './file-field.ts';
import { isImage } from './image-header.ts';
import { Failure } from './outcome.ts';

/** Endings of the kinds of pictures that are recognised. */
const EXTENSIONS = ['apng', 'bmp', 'dib', 'gif', 'jfif', 'jpe', 'jpeg', 'jpg', 'png', 'webp'];

/**
 * An uploaded picture: PNG, JPEG, GIF, WebP or BMP (row FI20). The structure around the pixels is checked and the file's
 * name has to fit, so that nothing else is served as a picture; the pixels themselves are not decoded.
 */
export class ImageField<const Options extends FileFieldOptions = {}> extends FileField<Options> {
  static override defaultErrorMessages: Readonly<Record<string, string>> = {
    invalid_image: 'Upload a valid image. The file you uploaded was either not an image or a corrupted image.',
    invalid_extension: 'File extension “{extension}” is not allowed. Allowed extensions are: {allowed_extensions}.',
  };

  override parse(data: unknown, scope: unknown): FileInput | Failure {
    const file = super.parse(data, scope);
    if (file instanceof Failure) return file;
    if (!isImage(file.bytes())) return this.failure('invalid_image');
    const extension = /\.([^./\\]*)$/.exec(file.name)?.[1]?.toLowerCase() ?? '';
    if (EXTENSIONS.includes(extension)) return file;
    return this.failure('invalid_extension', { extension, allowed_extensions: EXTENSIONS.join(', ') });
  }
}
