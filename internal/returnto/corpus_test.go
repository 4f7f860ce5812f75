package returnto_test

// sites are the allowed origins of the tests.
var sites = []string{"https://good.example", "https://app.good.example:8443", "http://localhost:9080"}

// refused are addresses that must not be taken: at least one of every class of
// open redirect that was found in a login product.
var refused = []string{
	// surplus slashes and their stand-ins
	"//evil.test", "///evil.test", "////evil.test", "/////evil.test/", `/\evil.test`, `/\/evil.test`, `\\evil.test`, `\/\/evil.test`, `\evil.test`,
	"/%09/evil.test", "/\t/evil.test", "/\t\t\\\t/evil.test", "/\n/evil.test", "/\r\\evil.test", "/\v/evil.test", "/ /evil.test", "/%20/evil.test",
	`/./\evil.test`, `/./../../\evil.test`, `/../\evil.test`, "/.//evil.test", "/..//evil.test", "/x/..//evil.test", "/x/%2e%2e//evil.test", "/.%2e//evil.test",
	"/%2f%2fevil.test", "/%2fevil.test", "/%5cevil.test", "/%2f%5c%2fevil.test", "/%252f%252fevil.test", "/%255cevil.test", "/%252e%252e//evil.test",
	"\t//evil.test", " //evil.test", "//evil.test\n", "\x00//evil.test", "/\u0000/evil.test", "//good.example", "//good.example/%2f..",
	// schemes without or with odd slashes
	"https:evil.test", "https:/evil.test", "https:///evil.test", `https:\\evil.test`, `https:/\evil.test`, "https://%09/evil.test", "https://%5cevil.test", "//https://evil.test//",
	`/https://%5cevil.test`, "https:good.example", "https:/good.example", "https:///good.example", `https:\\good.example`, "http:", "https:", "https://", "http://", "https:///",
	"ht\ttps://evil.test", "https\n://evil.test", "https ://good.example", "h\u0442tps://good.example",
	// user names
	"http:evil.test@good.example", "https://good.example@evil.test", "https://good.example:443@evil.test", "https://user@good.example", "https://user:pw@good.example/", "https://@good.example",
	`https://evil.test\@good.example`, `https://:@evil.test\@good.example`, "https://good.example%2f@evil.test", "https://good.example%40evil.test", "https://a@b@good.example",
	// where the host ends
	"https://evil.test#@good.example", "https://evil.test?@good.example", "https://evil.test%23.good.example", "https://evil.test%3F.good.example", "https://evil.test%2f%2f.good.example/",
	"https://evil.test;good.example", "https://evil.test,good.example", "https://good.example.evil.test", "https://evil-good.example", "https://evilgood.example", "https://good.example.", "https://GOOD.evil.test",
	"https://good%2eexample/", "https://good.example%00", "https://evil.test%00.good.example", "https://good.example%0d%0aLocation:%20https://evil.test", "https://evil.test\x00.good.example",
	"https://good\u3002example", "//evil%E3%80%82test", "https://good.ex\u00e4mple", "https://\u0261ood.example", "https://\uff47ood.example", "https://xn--ood-zua.example",
	"\u3035evil.test", "\u30fcevil.test", "\uff70evil.test", "\uff0f\uff0fevil.test", "https:\u2215\u2215evil.test",
	// numbers as hosts
	"http://3627734734", "http://0xd8.072.54990", "http://00330.0x3a.54990", "http://[::ffff:216.58.214.206]", "http:0xd83ad6ce", "http://472.314.470.462", "http://0x7f.1:9080", "http://127.1:9080", "http://[::1]:9080",
	// other schemes
	"javascript:alert(1)", "java%0d%0ascript:alert(1)", "java\r\nscript:alert(1)", "%19Jav%09asc%09ript:alert(1)", "javascript://good.example/%0aalert(1)", "data:text/html,x", "vbscript:x", "//javascript:alert(1)",
	"ftp://good.example", "file:///etc/passwd", "about:blank", "blob:https://good.example/x", "view-source:https://good.example", "intent://good.example", "wss://good.example", "/x:1/:///%01javascript:alert(1)/",
	// not quite an allowed origin
	"http://good.example", "https://good.example:3838", "https://good.example:80", "https://sub.good.example", "https://app.good.example", "https://localhost:9080", "http://localhost", "http://localhost:9080@evil.test",
	"https://good.example:", "https://good.example:0443", "https://good.example:443:443", "https://good.example:x", "https://good.example:65979",
	// no leading slash
	"", "@evil.test", ".evil.test", "evil.test", "good.example/redirect?url=https%3a%2f%2fevil.test", "?next=//evil.test", "#//evil.test", "good.example%0d%0aLocation:%20https://evil.test", "./x", "../x", "*",
	// splitting the header, and text that is not text
	"/x\r\nLocation: https://evil.test", "/%0d%0aLocation:%20https://evil.test", "/x%0ay", "/x%00y", "/x%7fy", "/%250d%250ax", "/x\x7f", "/\xff\xfe", "/x%", "/x%2", "/x%zz", "/x%u002f",
	"https://good.example//evil.test", `https://good.example/\evil.test`, "https://good.example/%2f%2fevil.test", "https://good.example/../x", `https://good.example\@evil.test`,
}

// taken are addresses that must survive, with what is sent (RED-04).
var taken = map[string]string{
	"/":                    "/",
	"/x":                   "/x",
	"/?":                   "/",
	"/a/b/c?x=1&y=2":       "/a/b/c?x=1&y=2",
	"/a//b":                "/a//b",
	"/a%2fb;v=1/c%20d":     "/a%2fb;v=1/c%20d",
	"/%7Ealice/100%25/x":   "/%7Ealice/100%25/x",
	"/search?q=100%&r=%zz": "/search?q=100%&r=%zz",
	"/go?next=//other.test&u=https://x.test/?a[]=1": "/go?next=//other.test&u=https://x.test/?a[]=1",
	"/go?x=%0d%0a":                 "/go?x=%0d%0a",
	"/caf\u00e9?q=\u00fc":          "/caf%C3%A9?q=%C3%BC",
	`/"<{env.HOME}>"?q={file.x}'"`: "/%22%3C%7Benv.HOME%7D%3E%22?q=%7Bfile.x%7D'%22",
	"/page#part":                   "/page",
	"/...":                         "/...",
	"/.well-known/x":               "/.well-known/x",
	"/https://evil.test":           "/https://evil.test",
	"/@evil.test":                  "/@evil.test",
	"/:80/x":                       "/:80/x",
	"/authorize?client_id=https%3A%2F%2Fgood.example&state=AbC_-": "/authorize?client_id=https%3A%2F%2Fgood.example&state=AbC_-",
	"https://good.example":                     "https://good.example/",
	"https://good.example?x=1":                 "https://good.example/?x=1",
	"https://good.example#@evil.test":          "https://good.example/",
	"HTTPS://GOOD.example:443/Deep/Link?a=b#c": "https://good.example/Deep/Link?a=b",
	"https://app.good.example:8443/x":          "https://app.good.example:8443/x",
	"http://localhost:9080/x":                  "http://localhost:9080/x",
}
