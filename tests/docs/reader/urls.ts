// The URLs that pages of the documentation import from the reader's project.
import type { UrlEntry } from '@rf/views';

export const urls: UrlEntry[] = [];
