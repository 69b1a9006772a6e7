# Ruby's oauth against the provider: the whole flow, a form and a query, PLAINTEXT in clear, refusals.
require 'json'
require 'oauth'
require 'oauth/signature/plaintext'
require 'open3'

BASE = ENV.fetch('BASE_URL')

def show(what, found, expected)
  raise "#{what}: expected #{expected.inspect}, found #{found.inspect}" unless found == expected

  puts "#{what}: #{found.inspect}"
end

def consumer(key, secret, **options)
  OAuth::Consumer.new(key, secret, site: BASE, request_token_path: '/oauth1/initiate/', authorize_path: '/oauth1/authorize/',
                                   access_token_path: '/oauth1/token/', **options)
end

def dance(consumer)
  temporary = consumer.get_request_token(oauth_callback: ENV.fetch('CALLBACK'))
  raise 'the callback is not confirmed' unless temporary.callback_confirmed?

  location, = Open3.capture2('/usr/bin/python3', ENV.fetch('PERSON'), temporary.authorize_url)
  answer = URI.decode_www_form(URI(location.strip).query).to_h
  temporary.get_access_token(oauth_verifier: answer.fetch('oauth_verifier'))
end

def refused(consumer)
  consumer.get_request_token(oauth_callback: ENV.fetch('CALLBACK'))
  nil
rescue OAuth::Unauthorized => e
  [e.request.code, JSON.parse(e.request.body)['detail']]
end

token = dance(consumer(ENV.fetch('WEB_KEY'), ENV.fetch('WEB_SECRET')))
answer = token.post('/echo/?q=a%20b', { 'title' => 'é +&=' })
show('HMAC-SHA1', JSON.parse(answer.body), { 'user' => 'alice', 'query' => { 'q' => ['a b'] }, 'data' => { 'title' => ['é +&='] } })
in_body = dance(consumer(ENV.fetch('WEB_KEY'), ENV.fetch('WEB_SECRET'), scheme: :body))
show('parameters in the form', JSON.parse(in_body.post('/echo/', { 'title' => 'a' }).body)['user'], 'alice')
show('another secret', refused(consumer(ENV.fetch('WEB_KEY'), 'no')), ['401', 'Invalid signature'])
plain = consumer(ENV.fetch('PLAIN_KEY'), ENV.fetch('PLAIN_SECRET'), signature_method: 'PLAINTEXT')
show('PLAINTEXT in clear', refused(plain), ['400', 'PLAINTEXT needs https.'])
