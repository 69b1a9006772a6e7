import type { Handled, Params, Request } from '@rf/views';
import type { ObjectLiteral } from 'typeorm';
import { GenericAPIView } from './generic-api-view.ts';
import {
  answersBy,
  CreateModelMixin,
  DestroyModelMixin,
  ListModelMixin,
  mix,
  RetrieveModelMixin,
  UpdateModelMixin,
} from './mixins.ts';

/** POST makes a row (GV08). */
export class CreateAPIView<Entity extends ObjectLiteral = ObjectLiteral> extends CreateModelMixin(
  GenericAPIView,
)<Entity> {
  override post(request: Request, params: Params): Handled {
    return this.create(request, params);
  }
}

/** GET lists rows (GV08). */
export class ListAPIView<Entity extends ObjectLiteral = ObjectLiteral> extends ListModelMixin(GenericAPIView)<Entity> {
  override get(request: Request, params: Params): Handled {
    return this.list(request, params);
  }
}

/** GET shows one row (GV08). */
export class RetrieveAPIView<Entity extends ObjectLiteral = ObjectLiteral> extends RetrieveModelMixin(
  GenericAPIView,
)<Entity> {
  override get(request: Request, params: Params): Handled {
    return this.retrieve(request, params);
  }
}

/** DELETE deletes one row (GV08). */
export class DestroyAPIView<Entity extends ObjectLiteral = ObjectLiteral> extends DestroyModelMixin(
  GenericAPIView,
)<Entity> {
  override delete(request: Request, params: Params): Handled {
    return this.destroy(request, params);
  }
}

/** PUT and PATCH change one row (GV08). */
export class UpdateAPIView<Entity extends ObjectLiteral = ObjectLiteral> extends UpdateModelMixin(
  GenericAPIView,
)<Entity> {
  override put(request: Request, params: Params): Handled {
    return this.update(request, params);
  }

  override patch(request: Request, params: Params): Handled {
    return this.partialUpdate(request, params);
  }
}

/** GET lists rows, POST makes one (GV08). */
export class ListCreateAPIView<Entity extends ObjectLiteral = ObjectLiteral> extends mix(
  GenericAPIView,
  CreateModelMixin,
  ListModelMixin,
)<Entity> {
  override get(request: Request, params: Params): Handled {
    return this.list(request, params);
  }

  override post(request: Request, params: Params): Handled {
    return this.create(request, params);
  }
}

/** GET shows one row, PUT and PATCH change it (GV08). */
export class RetrieveUpdateAPIView<Entity extends ObjectLiteral = ObjectLiteral> extends mix(
  GenericAPIView,
  UpdateModelMixin,
  RetrieveModelMixin,
)<Entity> {
  override get(request: Request, params: Params): Handled {
    return this.retrieve(request, params);
  }

  override put(request: Request, params: Params): Handled {
    return this.update(request, params);
  }

  override patch(request: Request, params: Params): Handled {
    return this.partialUpdate(request, params);
  }
}

/** GET shows one row, DELETE deletes it (GV08). */
export class RetrieveDestroyAPIView<Entity extends ObjectLiteral = ObjectLiteral> extends mix(
  GenericAPIView,
  DestroyModelMixin,
  RetrieveModelMixin,
)<Entity> {
  override get(request: Request, params: Params): Handled {
    return this.retrieve(request, params);
  }

  override delete(request: Request, params: Params): Handled {
    return this.destroy(request, params);
  }
}

/** GET shows one row, PUT and PATCH change it, DELETE deletes it (GV08). */
export class RetrieveUpdateDestroyAPIView<Entity extends ObjectLiteral = ObjectLiteral> extends mix(
  GenericAPIView,
  DestroyModelMixin,
  UpdateModelMixin,
  RetrieveModelMixin,
)<Entity> {
  override get(request: Request, params: Params): Handled {
    return this.retrieve(request, params);
  }

  override put(request: Request, params: Params): Handled {
    return this.update(request, params);
  }

  override patch(request: Request, params: Params): Handled {
    return this.partialUpdate(request, params);
  }

  override delete(request: Request, params: Params): Handled {
    return this.destroy(request, params);
  }
}

const VIEWS = [
  CreateAPIView,
  DestroyAPIView,
  ListAPIView,
  ListCreateAPIView,
  RetrieveAPIView,
  RetrieveDestroyAPIView,
  RetrieveUpdateAPIView,
  RetrieveUpdateDestroyAPIView,
  UpdateAPIView,
];
for (const { prototype } of VIEWS) {
  const { get, post, put, patch, delete: remove } = prototype as GenericAPIView;
  if (get !== undefined) answersBy(get, 'list' in prototype ? 'list' : 'retrieve');
  if (post !== undefined) answersBy(post, 'create');
  if (put !== undefined) answersBy(put, 'update');
  if (patch !== undefined) answersBy(patch, 'partialUpdate');
  if (remove !== undefined) answersBy(remove, 'destroy');
}
