import { BasicAuthentication, User } from '@rf/auth';
import { TokenAuthentication } from '@rf/authtoken';
import { AuthenticationFailed } from '@rf/exceptions';
import { db } from '@rf/orm';
import { type Authenticated, BaseAuthentication, type Request } from '@rf/views';

export class BearerAuthentication extends TokenAuthentication {
  override keyword = 'Bearer';
}

export class BookshopRealmAuthentication extends BasicAuthentication {
  override wwwAuthenticateRealm = 'bookshop';
}

export class ApiUserAuthentication extends BaseAuthentication {
  override async authenticate(request: Request): Promise<Authenticated | null> {
    const username = request.headers['x-api-user'];
    if (!username) return null;
    const user = await db(request).getRepository(User).findOneBy({ username, isActive: true });
    if (user === null) throw new AuthenticationFailed('No such API user.');
    return { user, auth: `api-user:${username}` };
  }
}

export class ApiUserChallengeAuthentication extends ApiUserAuthentication {
  override authenticateHeader(): string {
    return 'ApiUser realm="bookshop"';
  }
}

export class AlwaysFailingAuthentication extends BaseAuthentication {
  override authenticate(): never {
    throw new AuthenticationFailed();
  }
}

export class AlwaysFailingChallengeAuthentication extends AlwaysFailingAuthentication {
  override authenticateHeader(): string {
    return 'Fail';
  }
}
