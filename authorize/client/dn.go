package client

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"errors"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Distinguished names are compared in one form: the relative names from the
// last to the first as RFC 4514 writes them, each "OID=value" with the value
// quoted. A text in a certificate therefore can't pass for two attributes.
// Values are compared letter by letter, which is stricter than X.520.

var errDN = errors.New("must be a distinguished name such as CN=client,O=Example,C=DE")

// parseDN reads the text form (RFC 4514, section 3) with any spaces around the
// separators, as OpenSSL prints it.
func parseDN(text string) (string, error) {
	if len(text) > 500 || !utf8.ValidString(text) {
		return "", errDN
	}
	var names []string
	for _, relative := range splitDN(text, ',') {
		var parts []string
		for _, part := range splitDN(relative, '+') {
			kind, value, ok := strings.Cut(part, "=")
			oid := attributeOID(strings.TrimSpace(kind))
			plain, err := valueDN(value)
			if !ok || oid == "" || err != nil {
				return "", errDN
			}
			parts = append(parts, oid+"="+strconv.Quote(plain))
		}
		slices.Sort(parts)
		names = append(names, strings.Join(parts, "+"))
	}
	return strings.Join(names, ","), nil
}

// subject gives the subject of a certificate in the same form. It reads the
// bytes, since pkix.Name forgets the order and all but the last of several
// common names.
func subject(cert *x509.Certificate) (string, bool) {
	var sequence pkix.RDNSequence
	rest, err := asn1.Unmarshal(cert.RawSubject, &sequence)
	if err != nil || len(rest) > 0 || len(sequence) == 0 {
		return "", false
	}
	var names []string
	for _, relative := range slices.Backward(sequence) {
		var parts []string
		for _, attribute := range relative {
			value, ok := attribute.Value.(string)
			if !ok {
				return "", false
			}
			parts = append(parts, attribute.Type.String()+"="+strconv.Quote(value))
		}
		slices.Sort(parts)
		names = append(names, strings.Join(parts, "+"))
	}
	return strings.Join(names, ","), true
}

// splitDN cuts text at every separator that is not escaped.
func splitDN(text string, separator byte) []string {
	var parts []string
	start := 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case separator:
			parts = append(parts, text[start:i])
			start = i + 1
		}
	}
	return append(parts, text[start:])
}

// valueDN takes the escapes out of a value, or reads one in hexadecimal.
func valueDN(text string) (string, error) {
	text = strings.TrimLeft(text, " ")
	if digits, ok := strings.CutPrefix(text, "#"); ok {
		return hexDN(strings.TrimRight(digits, " "))
	}
	var out []byte
	end := 0 // behind the last character that is no unescaped space
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\' && i+1 < len(text) && strings.IndexByte(` "#+,;<=>\`, text[i+1]) >= 0:
			out, i = append(out, text[i+1]), i+1
			end = len(out)
		case c == '\\':
			if i+2 >= len(text) {
				return "", errDN
			}
			raw, err := hex.DecodeString(text[i+1 : i+3])
			if err != nil {
				return "", errDN
			}
			out, i = append(out, raw...), i+2
			end = len(out)
		case c < ' ' || strings.IndexByte(`";<>`, c) >= 0:
			return "", errDN
		default:
			out = append(out, c)
			if c != ' ' {
				end = len(out)
			}
		}
	}
	if end == 0 || !utf8.Valid(out[:end]) {
		return "", errDN
	}
	return string(out[:end]), nil
}

// hexDN reads the DER of a text.
func hexDN(digits string) (string, error) {
	raw, err := hex.DecodeString(digits)
	if err != nil {
		return "", errDN
	}
	var value any
	rest, err := asn1.Unmarshal(raw, &value)
	text, ok := value.(string)
	if err != nil || len(rest) > 0 || !ok {
		return "", errDN
	}
	return text, nil
}

// attributeOID gives the number of an attribute by its short name (RFC 4514,
// section 3, and those that certificates of organisations bear), or what is a
// number already. "" if it is unknown.
func attributeOID(name string) string {
	switch strings.ToUpper(name) {
	case "CN":
		return "2.5.4.3"
	case "SERIALNUMBER":
		return "2.5.4.5"
	case "C":
		return "2.5.4.6"
	case "L":
		return "2.5.4.7"
	case "ST", "S":
		return "2.5.4.8"
	case "STREET":
		return "2.5.4.9"
	case "O":
		return "2.5.4.10"
	case "OU":
		return "2.5.4.11"
	case "POSTALCODE":
		return "2.5.4.17"
	case "ORGANIZATIONIDENTIFIER":
		return "2.5.4.97"
	case "UID":
		return "0.9.2342.19200300.100.1.1"
	case "DC":
		return "0.9.2342.19200300.100.1.25"
	case "EMAILADDRESS":
		return "1.2.840.113549.1.9.1"
	}
	return dotted(strings.TrimPrefix(strings.ToUpper(name), "OID."))
}

// dotted gives back a number in dots, or "".
func dotted(text string) string {
	for _, arc := range strings.Split(text, ".") {
		n, err := strconv.ParseUint(arc, 10, 31)
		if err != nil || strconv.FormatUint(n, 10) != arc {
			return ""
		}
	}
	if !strings.Contains(text, ".") {
		return ""
	}
	return text
}
