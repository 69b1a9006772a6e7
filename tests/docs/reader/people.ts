// The URLs that the quickstart imports from the reader's project.
import type { UrlEntry } from '@rf/views';

export const peopleUrls: readonly UrlEntry[] = [];
