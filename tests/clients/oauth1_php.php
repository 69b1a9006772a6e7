<?php
// The PHP extension oauth against the provider: the whole flow by HMAC-SHA1 and HMAC-SHA256, each place for the parameters, refusals.

function show(string $what, $found, $expected): void
{
    if ($found !== $expected) {
        throw new Exception("$what: expected " . json_encode($expected) . ', found ' . json_encode($found));
    }
    echo "$what: ", json_encode($found), "\n";
}

$base = getenv('BASE_URL');

function dance(string $method, int $place = OAUTH_AUTH_TYPE_AUTHORIZATION): OAuth
{
    global $base;
    $client = new OAuth(getenv('WEB_KEY'), getenv('WEB_SECRET'), $method, $place);
    $temporary = $client->getRequestToken("$base/oauth1/initiate/", getenv('CALLBACK'), OAUTH_HTTP_METHOD_POST);
    $url = "$base/oauth1/authorize/?oauth_token=" . rawurlencode($temporary['oauth_token']);
    exec('/usr/bin/python3 ' . escapeshellarg(getenv('PERSON')) . ' ' . escapeshellarg($url), $lines);
    parse_str(parse_url($lines[0], PHP_URL_QUERY), $answer);
    $client->setToken($temporary['oauth_token'], $temporary['oauth_token_secret']);
    $access = $client->getAccessToken("$base/oauth1/token/", null, $answer['oauth_verifier'], OAUTH_HTTP_METHOD_POST);
    $client->setToken($access['oauth_token'], $access['oauth_token_secret']);
    return $client;
}

foreach ([OAUTH_SIG_METHOD_HMACSHA1, OAUTH_SIG_METHOD_HMACSHA256] as $method) {
    $client = dance($method);
    $client->fetch("$base/echo/?q=a%20b", ['title' => 'é +&='], OAUTH_HTTP_METHOD_POST);
    $expected = ['user' => 'alice', 'query' => ['q' => ['a b']], 'data' => ['title' => ['é +&=']]];
    show($method, json_decode($client->getLastResponse(), true), $expected);
}

$client = dance(OAUTH_SIG_METHOD_HMACSHA256, OAUTH_AUTH_TYPE_URI);
$client->fetch("$base/echo/");
show('parameters in the query', json_decode($client->getLastResponse(), true)['user'], 'alice');

$client = dance(OAUTH_SIG_METHOD_HMACSHA256);
$client->setNonce('once');
$statuses = [];
foreach ([1, 2] as $_) {
    try {
        $client->fetch("$base/echo/");
        $statuses[] = 200;
    } catch (OAuthException $refusal) {
        $statuses[] = [$refusal->getCode(), $refusal->lastResponse];
    }
}
show('a nonce, twice', $statuses, [200, [401, '{"detail":"Nonce check failed"}']]);

$refusal = null;
try {
    $client = new OAuth(getenv('WEB_KEY'), 'no');
    $client->getRequestToken("$base/oauth1/initiate/", getenv('CALLBACK'), OAUTH_HTTP_METHOD_POST);
} catch (OAuthException $error) {
    $refusal = [$error->getCode(), $error->lastResponse];
}
show('another secret', $refusal, [401, '{"detail":"Invalid signature"}']);
