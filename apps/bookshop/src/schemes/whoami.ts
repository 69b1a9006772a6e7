import { APIView, IsAuthenticated, permissionClasses, type Request } from '@rf/views';

/** Who a request is from. Each scheme has one of its own. */
@permissionClasses(IsAuthenticated)
export class Whoami extends APIView {
  override get(request: Request): unknown {
    return { user: request.user.getUsername() };
  }
}
