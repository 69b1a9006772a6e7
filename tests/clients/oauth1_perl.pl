# Perl's Net::OAuth against the provider: the whole flow by HMAC-SHA1 and HMAC-SHA256, the same request twice.
use strict;
use warnings;
use utf8;
use HTTP::Request::Common;
use JSON::PP;
use LWP::UserAgent;
use Net::OAuth;
use URI;

$Net::OAuth::PROTOCOL_VERSION = Net::OAuth::PROTOCOL_VERSION_1_0A;
my $base = $ENV{BASE_URL};
my $agent = LWP::UserAgent->new;
my $json = JSON::PP->new->canonical->utf8;

sub show {
    my ($what, $found, $expected) = map { ref $_ ? $json->encode($_) : $_ } @_;
    die "$what: expected $expected, found $found\n" unless $found eq $expected;
    print "$what: $found\n";
}

sub message {
    my ($kind, $method, $path, %more) = @_;
    my $message = Net::OAuth->request($kind)->new(
        consumer_key => $ENV{WEB_KEY}, consumer_secret => $ENV{WEB_SECRET}, request_url => $base . $path,
        signature_method => $method, timestamp => time, nonce => int(rand 2**31), %more,
    );
    $message->sign;
    return $message;
}

sub credentials {
    my ($kind, $message) = @_;
    my $answer = $agent->request(POST $message->request_url, Authorization => $message->to_authorization_header);
    die $answer->as_string unless $answer->is_success;
    my $found = Net::OAuth->response($kind)->from_post_body($answer->content);
    return (token => $found->token, token_secret => $found->token_secret);
}

sub dance {
    my ($method) = @_;
    my $initiate = message('request token', $method, '/oauth1/initiate/', request_method => 'POST', callback => $ENV{CALLBACK});
    my %temporary = credentials('request token', $initiate);
    my $url = Net::OAuth->request('user auth')->new(token => $temporary{token})->to_url("$base/oauth1/authorize/");
    open my $person, '-|', '/usr/bin/python3', $ENV{PERSON}, "$url" or die $!;
    chomp(my $location = <$person>);
    my %answer = URI->new($location)->query_form;
    my $exchange = message('access token', $method, '/oauth1/token/', request_method => 'POST', %temporary, verifier => $answer{oauth_verifier});
    return credentials('access token', $exchange);
}

for my $method ('HMAC-SHA1', 'HMAC-SHA256') {
    my %form = (title => 'a b+c&=');
    my $message = message('protected resource', $method, '/echo/?q=1', request_method => 'POST', dance($method), extra_params => \%form);
    my $answer = $agent->request(POST $message->request_url, \%form, Authorization => $message->to_authorization_header);
    show($method, $json->decode($answer->content), { user => 'alice', query => { q => ['1'] }, data => { title => ['a b+c&='] } });
    my $again = $agent->request(POST $message->request_url, \%form, Authorization => $message->to_authorization_header);
    show('the same once more', [0 + $again->code, $json->decode($again->content)], [401, { detail => 'Nonce check failed' }]);
}
