import type { AbstractUser } from '@rf/auth';
import { Http404, PermissionDenied } from '@rf/exceptions';
import { db } from '@rf/orm';
import { type HttpResponse, HttpResponseRedirect, type Request } from '@rf/views';
import type { ClientProblems } from './client-problems.ts';
import { type GrantType, OAuth2Client } from './client.ts';
import { clientProblems, giveSecret, newClient, rotateClientSecret, updateClient } from './clients.ts';
import { PageView } from './page-view.ts';
import {
  type ApplicationChoices,
  applicationDeleteBody,
  applicationFormBody,
  type ApplicationLinks,
  applicationListBody,
  applicationBody,
} from './pages/application-pages.ts';

/** What the form says, beside the secret. */
const OF_THE_FORM = [
  'name',
  'clientType',
  'authMethod',
  'redirectUris',
  'postLogoutRedirectUris',
  'grants',
  'scopes',
  'updated',
] as const;

/** A page of the applications that the user owns; nobody sees another's (OA05). */
abstract class ApplicationView extends PageView {
  protected get links(): ApplicationLinks {
    const of =
      (name: string) =>
      ({ id }: OAuth2Client): string =>
        this.pathOf(name, { id });
    return {
      list: this.pathOf('applications'),
      register: this.pathOf('application-register'),
      detail: of('application'),
      update: of('application-update'),
      delete: of('application-delete'),
    };
  }

  /** The application of the URL. Throws Http404 unless the user owns it. */
  protected async ownApplication(request: Request, owner: AbstractUser): Promise<OAuth2Client> {
    const client = await db(request).findOneBy(OAuth2Client, { id: this.params.id as string, owner: { id: owner.id } });
    if (client === null) throw new Http404();
    return client;
  }

  /** What the form offers: what users may choose, and what this application has already. */
  protected choicesFor(client: OAuth2Client): ApplicationChoices {
    return {
      grants: [...new Set<GrantType>([...this.provider.options.selfServiceGrants, ...client.grants])],
      scopes: this.describeScopes(this.provider.scopeNames),
      logout: this.provider.extensions.some(({ endsSessions }) => endsSessions === true),
    };
  }

  /** Takes the form over into `client` and says what is wrong with it. */
  protected readForm(request: Request, client: OAuth2Client): ClientProblems {
    const form = request.post;
    const { grants, scopes, logout } = this.choicesFor(client);
    client.name = (form.get('name') ?? '').trim();
    client.clientType = form.get('client_type') === 'public' ? 'public' : 'confidential';
    client.authMethod = client.isPublic ? 'none' : client.authMethod === 'none' ? 'client_secret' : client.authMethod;
    client.redirectUris = words(form.get('redirect_uris'));
    if (logout) client.postLogoutRedirectUris = words(form.get('post_logout_redirect_uris'));
    client.grants = grants.filter((grant) => form.getList('grants').includes(grant));
    client.scopes = scopes.map(([name]) => name).filter((name) => form.getList('scopes').includes(name));
    client.updated = this.provider.now();
    return clientProblems(client, this.provider);
  }

  protected showForm(title: string, client: OAuth2Client, problems: ClientProblems): HttpResponse {
    const body = applicationFormBody(client, this.choicesFor(client), problems, this.csrfInput);
    return this.show(title, body, Object.keys(problems).length > 0 ? 400 : 200);
  }

  /** @param secret a new one, shown this once */
  protected showApplication(client: OAuth2Client, secret: string | null): HttpResponse {
    return this.show(client.name, applicationBody(client, this.links, this.csrfInput, secret));
  }
}

/** `applications/` */
export class ApplicationListView extends ApplicationView {
  override name = 'Applications';

  override async get(request: Request): Promise<HttpResponse> {
    const owner = await this.requireUser(request);
    const clients = await db(request).find(OAuth2Client, { where: { owner: { id: owner.id } }, order: { id: 'ASC' } });
    return this.show('Your applications', applicationListBody(clients, this.links));
  }
}

/** `applications/register/`: the answer to the form is the only page that ever shows the secret. */
export class ApplicationRegisterView extends ApplicationView {
  override name = 'Register an application';

  override async get(request: Request): Promise<HttpResponse> {
    const owner = await this.requireUser(request);
    return this.showForm(this.name, (await this.draft(owner)).client, {});
  }

  override async post(request: Request): Promise<HttpResponse> {
    const owner = await this.requireUser(request);
    const { client } = await this.draft(owner);
    const problems = this.readForm(request, client);
    if (Object.keys(problems).length > 0) return this.showForm(this.name, client, problems);
    const secret = giveSecret(client);
    await db(request).save(client);
    return this.showApplication(client, secret);
  }

  /** A new application. Throws PermissionDenied when the user may not register any. */
  private async draft(owner: AbstractUser): Promise<{ client: OAuth2Client }> {
    if (!(await this.provider.options.mayRegister(owner))) throw new PermissionDenied();
    return newClient(this.provider, {
      name: '',
      clientType: 'confidential',
      grants: ['authorization_code', 'refresh_token'],
      owner,
    });
  }
}

/** `applications/:id/` */
export class ApplicationDetailView extends ApplicationView {
  override name = 'Application';

  override async get(request: Request): Promise<HttpResponse> {
    const owner = await this.requireUser(request);
    return this.showApplication(await this.ownApplication(request, owner), null);
  }

  /** Makes a new secret and shows it, this once. */
  override async post(request: Request): Promise<HttpResponse> {
    const owner = await this.requireUser(request);
    const client = await this.ownApplication(request, owner);
    const secret = await rotateClientSecret(db(request), this.provider, client);
    return this.showApplication(await this.ownApplication(request, owner), secret);
  }
}

/** `applications/:id/update/` */
export class ApplicationUpdateView extends ApplicationView {
  override name = 'Change an application';

  override async get(request: Request): Promise<HttpResponse> {
    const owner = await this.requireUser(request);
    return this.showForm(this.name, await this.ownApplication(request, owner), {});
  }

  override async post(request: Request): Promise<HttpResponse> {
    const owner = await this.requireUser(request);
    const client = await this.ownApplication(request, owner);
    const problems = this.readForm(request, client);
    if (Object.keys(problems).length > 0) return this.showForm(this.name, client, problems);
    // One that becomes confidential needs a secret, one that becomes public has none.
    const mustChangeSecret = client.isPublic || client.secretHash === null;
    const secret = mustChangeSecret ? giveSecret(client) : null;
    const changed = mustChangeSecret ? [...OF_THE_FORM, 'secretHash' as const] : OF_THE_FORM;
    if (!(await updateClient(db(request), client, changed))) throw new Http404();
    return secret === null ? new HttpResponseRedirect(this.links.detail(client)) : this.showApplication(client, secret);
  }
}

/** `applications/:id/delete/` */
export class ApplicationDeleteView extends ApplicationView {
  override name = 'Delete an application';

  override async get(request: Request): Promise<HttpResponse> {
    const owner = await this.requireUser(request);
    const client = await this.ownApplication(request, owner);
    return this.show(`Delete ${client.name}?`, applicationDeleteBody(client, this.links, this.csrfInput));
  }

  override async post(request: Request): Promise<HttpResponse> {
    const owner = await this.requireUser(request);
    const client = await this.ownApplication(request, owner);
    await db(request).delete(OAuth2Client, { id: client.id });
    return new HttpResponseRedirect(this.links.list);
  }
}

/** The words of a text field; none for one that was not sent. */
const words = (text: string | undefined): string[] => (text ?? '').split(/\s+/).filter((word) => word !== '');
