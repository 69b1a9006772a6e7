import { ImproperlyConfigured } from '@rf/exceptions';
import {
  AllowAny,
  APIView,
  IsAdminUser,
  IsAuthenticated,
  inheritedPolicies,
  JSONRenderer,
  ownPolicies,
  permissionClasses,
  rendererClasses,
  StaticHTMLRenderer,
  URLPathVersioning,
} from '@rf/views';
import { describe, expect, it } from 'vitest';
import { TestSite } from './test-site.ts';

@permissionClasses(IsAuthenticated)
@rendererClasses(JSONRenderer)
class Base extends APIView {
  override get() {
    return 'x';
  }
  @permissionClasses(IsAdminUser)
  override post() {
    return 'x';
  }
}

@permissionClasses(AllowAny)
class Open extends Base {}

describe('policies', () => {
  it('are inherited, policy by policy', () => {
    expect(inheritedPolicies(Open)).toEqual({ permissionClasses: [AllowAny], rendererClasses: [JSONRenderer] });
    expect(ownPolicies(Open)).toEqual({ permissionClasses: [AllowAny] });
    expect(inheritedPolicies(Base).permissionClasses).toEqual([IsAuthenticated]);
  });

  it('of a method go before those of its class', () => {
    const site = new TestSite(Open);
    const names = (method: string) =>
      site
        .view()
        .policiesFor(method)
        .permissions.map((permission) => permission.constructor.name);
    expect([names('GET'), names('POST'), names('OPTIONS')]).toEqual([['AllowAny'], ['IsAdminUser'], ['AllowAny']]);
  });

  it('of get count for HEAD', () => {
    class Guarded extends APIView {
      @permissionClasses(IsAdminUser)
      override get() {
        return {};
      }
    }
    expect(new TestSite(Guarded).view().policiesFor('HEAD').permissions[0]).toBeInstanceOf(IsAdminUser);
  });

  it('of two decorators on one class: the upper one counts', () => {
    @permissionClasses(AllowAny)
    @permissionClasses(IsAdminUser)
    class Twice extends Base {}
    expect(ownPolicies(Twice).permissionClasses).toEqual([AllowAny]);
  });

  it('can be applied without decorator syntax', () => {
    class Later extends Base {}
    rendererClasses(StaticHTMLRenderer)(Later);
    expect(inheritedPolicies(Later).rendererClasses).toEqual([StaticHTMLRenderer]);
  });
});

describe('mistakes', () => {
  it('a class of another kind is refused when the view is mounted', () => {
    @permissionClasses(JSONRenderer as never)
    class Guarded extends APIView {
      override get() {
        return {};
      }
    }
    expect(() => new TestSite(Guarded)).toThrow(
      'permissionClasses has JSONRenderer, which is of another kind: it has no method hasPermission().',
    );
  });

  it('a policy as a member is refused when the view is mounted, since nothing would read it', () => {
    class OfClass extends APIView {
      static permissionClasses = [IsAuthenticated, IsAdminUser];
      override get() {
        return {};
      }
    }
    class OfObject extends APIView {
      versioningClass = URLPathVersioning;
      override get() {
        return {};
      }
    }
    expect(() => new TestSite(OfClass)).toThrow(
      'OfClass has a static member permissionClasses, which has no effect. ' +
        'Write @permissionClasses(IsAuthenticated, IsAdminUser) above the class.',
    );
    expect(() => new TestSite(class Below extends OfClass {})).toThrow(/^Below has a static member permissionClasses/);
    expect(() => new TestSite(OfObject)).toThrow(
      'OfObject has a member versioningClass, which has no effect. Write @versioningClass(URLPathVersioning) above the class.',
    );
  });

  it('an argument that is no class is told with its place', () => {
    expect(() => permissionClasses(AllowAny, undefined as never)).toThrow(
      /permissionClasses\(\): argument 2 is undefined \(a circular import\?\), not a class/,
    );
    expect(() => permissionClasses('IsAdmin' as never)).toThrow(ImproperlyConfigured);
  });

  it('no renderer at all is told', () => {
    expect(() => rendererClasses()).toThrow(/needs at least one renderer class/);
  });

  it('a decorated field is told', () => {
    const write = () => {
      class Wrong extends APIView {
        @(permissionClasses(AllowAny) as unknown as PropertyDecorator)
        level = 1;
      }
      return Wrong;
    };
    expect(write).toThrow(/@permissionClasses decorates a view class or a method; it was given Wrong\.level/);
  });
});
