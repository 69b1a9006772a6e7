// Views
export { GenericAPIView, type SerializerOf, type SerializerType } from './generic-api-view.ts';
export {
  type CreateModel,
  CreateModelMixin,
  type DestroyModel,
  DestroyModelMixin,
  type ListModel,
  ListModelMixin,
  mix,
  type RetrieveModel,
  RetrieveModelMixin,
  type UpdateModel,
  UpdateModelMixin,
  type ViewMixin,
} from './mixins.ts';
export {
  CreateAPIView,
  DestroyAPIView,
  ListAPIView,
  ListCreateAPIView,
  RetrieveAPIView,
  RetrieveDestroyAPIView,
  RetrieveUpdateAPIView,
  RetrieveUpdateDestroyAPIView,
  UpdateAPIView,
} from './concrete-views.ts';
export { RowPermission } from './row-permission.ts';
export { type SparseFields, SparseFieldsMixin } from './sparse-fields.ts';
export { getObjectOr404 } from './get-object.ts';
export type { EntityType, Queryset } from './queryset.ts';

// Viewsets
export { action, type ActionAttributes, type ActionOptions, type ExtraAction } from './action.ts';
export {
  type ActionMap,
  type ActionSerializer,
  GenericViewSet,
  type ReverseActionOptions,
  ViewSet,
  type ViewSetClass,
  type ViewSetMembers,
  ViewSetMixin,
  type ViewSetStatics,
} from './view-set.ts';
export { ModelViewSet, ReadOnlyModelViewSet } from './model-view-set.ts';

// Routers
export {
  type NestOptions,
  type RegisterOptions,
  Registration,
  type RegistryEntry,
  type RouterOptions,
  SimpleRouter,
} from './simple-router.ts';
export { APIRootView, DefaultRouter, type DefaultRouterOptions } from './default-router.ts';
export { DynamicRoute, Route } from './route.ts';
export type { ParentRoute } from './nested-parents.ts';

// Pagination
export { BasePagination, type OpenApiObject, type PaginationClass } from './base-pagination.ts';
export { type CountMode, PageNumberPagination } from './page-number-pagination.ts';
export { LimitOffsetPagination } from './limit-offset-pagination.ts';
export { CursorPagination } from './cursor-pagination.ts';
export type { Cursor } from './cursor-token.ts';
export { KeysetPagination } from './keyset-pagination.ts';
export { ListSource, type RowExtras, type RowRange, type RowSlice, type RowSource } from './row-source.ts';

// Filters
export { BaseFilterBackend, type FilterBackendClass } from './filter-backend.ts';
export { SearchFilter, UnaccentedSearchFilter } from './search-filter.ts';
export { type OrderingField, type OrderingFields, OrderingFilter } from './ordering-filter.ts';
export { FieldFilter } from './field-filter.ts';
export { FilterSet, type FilterSetClass, type FilterSetFields } from './filter-set.ts';
export { Filter, type FilterInput, type FilterMethod, type FilterOptions, TextFilter } from './filter.ts';
export {
  BooleanFilter,
  CharFilter,
  DateFilter,
  DateTimeFilter,
  DurationFilter,
  IsoDateTimeFilter,
  NumberFilter,
  TimeFilter,
  UUIDFilter,
} from './value-filters.ts';
export {
  ChoiceFilter,
  type ChoiceFilterOptions,
  type ChoiceSource,
  ModelChoiceFilter,
  type ModelChoiceFilterOptions,
  ModelMultipleChoiceFilter,
  MultipleChoiceFilter,
} from './choice-filters.ts';
export { BaseInFilter, BaseRangeFilter, type ListFilterOptions } from './list-filters.ts';
export {
  DateFromToRangeFilter,
  DateTimeFromToRangeFilter,
  IsoDateTimeFromToRangeFilter,
  RangeFilter,
  TimeRangeFilter,
} from './range-filters.ts';
export { LookupChoiceFilter, type LookupChoiceFilterOptions } from './lookup-choice-filter.ts';
export { OrderFilter, type OrderFilterOptions } from './order-filter.ts';

// Metadata
export { describeFields, type FieldInfo } from './field-info.ts';
