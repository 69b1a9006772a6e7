import {
  AnonRateThrottle,
  APIView,
  apiView,
  BaseThrottle,
  IsAuthenticated,
  path,
  permissionClasses,
  type Request,
  ScopedRateThrottle,
  SimpleRateThrottle,
  throttleClasses,
  type ThrottleClass,
  throttleScope,
  type UrlEntry,
  UserRateThrottle,
} from '@rf/views';
import { withPolicies } from './authentication.ts';

class Throttled extends APIView {
  override get(): unknown {
    return { ok: true };
  }
  override post(): unknown {
    return { ok: true };
  }
}

class BurstThrottle extends UserRateThrottle {
  override readonly scope = 'burst';
}

class SustainedThrottle extends UserRateThrottle {
  override readonly scope = 'sustained';
}

class OncePerDayThrottle extends SimpleRateThrottle {
  override readonly scope = 'daily';

  override getCacheKey(request: Request): string {
    return `throttle_daily_${request.headers['x-shop'] ?? 'nobody'}`;
  }
}

class InlineRateThrottle extends AnonRateThrottle {
  override readonly scope = 'inline';
  override readonly rate = '1/min';
}

class ClosedThrottle extends BaseThrottle {
  override allowRequest(): boolean {
    return false;
  }
}

function fixedWait(seconds: number): ThrottleClass {
  return class FixedWaitThrottle extends ClosedThrottle {
    override wait(): number {
      return seconds;
    }
  };
}

const throttled = (...classes: ThrottleClass[]) => withPolicies(Throttled, throttleClasses(...classes));
const scoped = (scope: string) => withPolicies(Throttled, throttleClasses(ScopedRateThrottle), throttleScope(scope));

const throttledFunction = apiView(
  ['GET'],
  throttleClasses(ScopedRateThrottle),
  throttleScope('uploads'),
)(function throttledFunction() {
  return { ok: true };
});

export const throttleRates = {
  anon: '3/min',
  user: '3/min',
  uploads: '2/min',
  contacts: '4/hour',
  burst: '2/sec',
  sustained: '5/min',
  daily: '1/day',
};

export const throttlingUrls: UrlEntry[] = [
  path('/throttle/off/', Throttled),
  path('/throttle/anon/', throttled(AnonRateThrottle)),
  path('/throttle/user/', throttled(UserRateThrottle)),
  path(
    '/throttle/user-private/',
    withPolicies(Throttled, throttleClasses(UserRateThrottle), permissionClasses(IsAuthenticated)),
  ),
  path('/throttle/uploads/', scoped('uploads')),
  path('/throttle/uploads-too/', scoped('uploads')),
  path('/throttle/contacts/', scoped('contacts')),
  path('/throttle/unscoped/', throttled(ScopedRateThrottle)),
  path('/throttle/burst/', throttled(BurstThrottle)),
  path('/throttle/burst-sustained/', throttled(BurstThrottle, SustainedThrottle)),
  path('/throttle/daily/', throttled(OncePerDayThrottle)),
  path('/throttle/inline/', throttled(InlineRateThrottle)),
  path('/throttle/closed/', throttled(ClosedThrottle)),
  path('/throttle/wait-half/', throttled(fixedWait(0.5))),
  path('/throttle/wait-seven/', throttled(fixedWait(6.2))),
  path('/throttle/wait-zero/', throttled(fixedWait(0))),
  path('/throttle/wait-longest/', throttled(fixedWait(3), fixedWait(90), ClosedThrottle)),
  path('/throttle/function/', throttledFunction),
];
