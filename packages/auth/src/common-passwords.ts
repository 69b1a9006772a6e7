const LIST = `
000000 111111 112233 121212 123123 123321 1234 12345 123456 1234567 12345678 123456789 1234567890 123abc 123qwe 1q2w3e 1q2w3e4r
1q2w3e4r5t 1qaz2wsx 222222 333333 444444 555555 654321 666666 696969 777777 7777777 888888 88888888 987654321 999999 aa123456 aaaaaa
abc123 abcd1234 abcdef access admin admin123 administrator adobe123 alexander amanda andrea andrew angel angels anthony apple arsenal
asdf1234 asdfasdf asdfgh asdfghjkl ashley austin babygirl bailey banana barcelona baseball basketball batman biteme blink182 buster
butterfly changeme charlie charlotte cheese chelsea chicken chocolate chris cocacola computer cookie corvette cowboys daniel dallas
default diamond dolphin dragon eagles eminem enter falcon family fender ferrari flower football forever freedom friends fuckyou gandalf
garfield george giants ginger golden golfer gizmo guest guitar hacker hallo hammer hannah harley heather hello hello123 hockey hunter
hunter2 iloveyou iloveyou1 internet jackson jaguar jasmine jennifer jessica jessie jordan jordan23 joseph joshua justin killer knight
ladybug lakers legend letmein letmein1 liverpool login london looking lovely loveme lovers madison maggie marina marlboro martin master
matrix matthew maverick melissa mercedes michael michelle midnight minecraft monkey monster morgan mother mustang myspace naruto nascar
nathan nicole nothing oliver orange p@ssw0rd pa55word packers paris pass1234 passw0rd passwd password password! password1 password12
password123 patrick peanut pepper phoenix pokemon porsche princess purple q1w2e3r4 qazwsx qazwsxedc qwe123 qweasdzxc qwer1234 qwerty
qwerty1 qwerty12 qwerty123 qwertyuiop rainbow ranger rangers raiders redsox robert rockyou root samantha samsung scooter secret shadow
silver slipknot snoopy soccer spiderman startrek starwars steelers sterling summer sunshine superman superstar taylor tennis test test123
test1234 testing thomas thunder tigger toor trustno1 tucker turtle twitter unknown victoria viking welcome welcome1 whatever william
willow winter wizard xxxxxx yamaha yankees yellow zaq12wsx zxcvbn zxcvbnm zxcvbnm123
`;

/** Passwords that are tried first by whoever guesses, in lower case. */
export const COMMON_PASSWORDS: ReadonlySet<string> = new Set(LIST.trim().split(/\s+/));
