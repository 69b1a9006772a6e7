import { BooleanFilter, CharFilter, FilterSet, type Queryset } from '@rf/generics';
import { SALE_PRICE } from './sale.ts';

/** `?language=en&price__lt=10&tag=classic&on_sale=true` */
export class BookFilter extends FilterSet {
  static override fields = {
    language: ['exact', 'in'],
    price: ['lt', 'gt'],
    published: ['year', 'gte', 'lte'],
    publisher: ['exact'],
  };

  author = new CharFilter({ fieldName: 'authors__name', lookupExpr: 'icontains' });
  tag = new CharFilter({ fieldName: 'tags__slug' });
  on_sale = new BooleanFilter({ method: 'filterOnSale' });

  filterOnSale(queryset: Queryset, _name: string, isOnSale: boolean): Queryset {
    const onSale = 'book.inPrint AND book.price < :salePrice';
    return queryset.andWhere(isOnSale ? onSale : `NOT (${onSale})`, { salePrice: SALE_PRICE });
  }
}
