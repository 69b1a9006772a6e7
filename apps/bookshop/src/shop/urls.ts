import { DefaultRouter } from '@rf/generics';
import { include, type UrlEntry } from '@rf/views';
import { AuthorViewSet, BookViewSet, PublisherViewSet, ReviewViewSet, TagViewSet } from './views.ts';

const router = new DefaultRouter();
router.register('books', BookViewSet).nest('reviews', ReviewViewSet);
router.register('authors', AuthorViewSet);
router.register('publishers', PublisherViewSet);
router.register('tags', TagViewSet);

export const shopUrls: readonly UrlEntry[] = [include('/api/', router.urls)];
